// `prepack` and `postpack` of npm: README.md is packed as `packedReadme()` makes it, and is put back
// afterwards. Should packing fail in between, the next one puts it back.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packedReadme } from './packed-readme.mjs';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const kept = fileURLToPath(new URL('../.unpacked.md', import.meta.url));

if (existsSync(kept)) renameSync(kept, readme);
if (process.argv[2] === 'before') {
  const text = readFileSync(readme, 'utf8');
  writeFileSync(kept, text);
  writeFileSync(readme, packedReadme(text));
}
