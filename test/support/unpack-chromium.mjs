import chromium, { inflate } from '@sparticuz/chromium';
import { createRequire } from 'node:module';
import path from 'node:path';

// A process of its own: the package unpacks into the folder for temporary files, which is TMPDIR of the whole process.
const bin = path.join(path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../bin');
chromium.setGraphicsMode = false;
await chromium.executablePath();
// What machines without a desktop lack.
await inflate(path.join(bin, 'al2023.tar.br'));
