// Verifies what comes in, for tests in other languages: a line of JSON each, `{content, brought}` with the content in base64;
// answers a line each, with exit, findings and their words in English.
import { createInterface } from 'node:readline';
import { exitOf } from '../src/verify/verdict.js';
import { verify } from '../src/verify/verify.js';
import { told } from '../src/verify/words.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { content, brought } = JSON.parse(line);
  const verdict = await verify(new Uint8Array(Buffer.from(content, 'base64')), brought);
  const findings = verdict.findings.map((finding) => [finding.check, finding.standing, told('en', finding)]);
  console.log(JSON.stringify({ exit: exitOf(verdict), findings }));
}
