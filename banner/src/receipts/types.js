/**
 * What publishing puts into the page.
 *
 * @typedef {{ site: string, api: string, cdn: string, origins: string[] }} Config
 *
 * A record as `GET /v1/me/consents` lists it; of one that cannot be believed there are only the id and the state.
 * @typedef {{
 *   id: string, state: 'whole' | 'erased' | 'altered' | 'missing', at?: string, act?: string, section?: string,
 *   categories?: Record<string, boolean> | null,
 *   policy?: { id: string, version: number, title: string | null, language: string, sha256: string } | null,
 *   shown?: { config: { ver: number, sha256: string } | null }
 * }} Listed
 *
 * A receipt as it was answered, to the byte, and what is read of it.
 * @typedef {{ bytes: Uint8Array<ArrayBuffer>, state: 'promised' | 'complete', document: any }} Fetched
 */
export {};
