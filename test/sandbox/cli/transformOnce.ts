import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import { splitFile } from '../../../src/endpoints/transform/split.ts';

/** Transforms one file in this process: `node transformOnce.ts convert|split SOURCE TARGET`. */
const [kind, source, target] = process.argv.slice(2) as [string, string, string];
await (kind === 'convert' ? convertFile({ source, target }) : splitFile({ source, target, maxBytes: 700 }));
