/** @import {Listed} from './types.js' */
/** @import {Desk} from './card.js' */
import { Card } from './card.js';

/** The visitor's records, newest first: a page, what came since, and further pages when they are wanted. */
export class List {
  /** @type {Map<string, Card>} */
  cards = new Map();
  /** @type {string | null} */
  cursor = null;

  /**
   * @param {HTMLElement} place
   * @param {(cursor: string | null) => Promise<{ records: Listed[], cursor: string | null }>} page
   * @param {Desk} desk
   */
  constructor(place, page, desk) {
    this.place = place;
    this.page = page;
    this.desk = desk;
  }

  /** Look at the newest page; what was there stays as it is. */
  async renew() {
    const { records, cursor } = await this.page(null);
    if (!this.cards.size) this.cursor = cursor;
    const made = this.enter(records);
    this.place.prepend(...made);
  }

  /** @returns {Promise<HTMLElement | undefined>} the first of those that were added */
  async more() {
    const { records, cursor } = await this.page(this.cursor);
    this.cursor = cursor;
    const made = this.enter(records);
    this.place.append(...made);
    return made[0];
  }

  /** Another subject's records are no part of it. */
  clear() {
    this.cards.clear();
    this.cursor = null;
    this.place.replaceChildren();
  }

  render() {
    for (const card of this.cards.values()) card.render();
  }

  /** @param {Listed[]} records */
  enter(records) {
    return records.flatMap((record) => {
      const known = this.cards.get(record.id);
      if (known) return known.renew(record) ?? [];
      const card = new Card(record, this.desk);
      this.cards.set(record.id, card);
      return [card.element];
    });
  }
}
