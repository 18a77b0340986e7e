// Asks every query of a folder over one file of N-Quads with Comunica: `node ask_comunica.mjs DATA QUERIES OUT`.
// Writes for each question its solutions (SPARQL results JSON), or into NAME.error what went wrong.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [data, queries, out] = process.argv.slice(2);
const home = process.env.COMUNICA_HOME;
const require = createRequire(home ? join(home, 'package.json') : import.meta.url);
const { QueryEngine } = require('@comunica/query-sparql-rdfjs');
const { Parser, Store } = require('n3');

const store = new Store(new Parser({ format: 'N-Quads' }).parse(readFileSync(data, 'utf8')));
const engine = new QueryEngine();
for (const file of readdirSync(queries).filter((name) => name.endsWith('.rq')).sort()) {
    const place = join(out, file.replace('.rq', ''));
    try {
        const found = await engine.query(readFileSync(join(queries, file), 'utf8'), { sources: [store] });
        const { data: stream } = await engine.resultToString(found, 'application/sparql-results+json');
        const parts = [];
        for await (const part of stream) {
            parts.push(part);
        }
        // Comunica adds a member `metadata`, which SPARQL 1.1 Query Results JSON does not know.
        const { head, results } = JSON.parse(parts.join(''));
        writeFileSync(`${place}.srj`, JSON.stringify({ head, results }));
    } catch (problem) {
        writeFileSync(`${place}.error`, String(problem));
    }
}
