// Reads one stream many times over: `node stream-readers.mjs COUNT URL HEADERS_AS_JSON LAST`. Says `open` when every reader was told something,
// and, when every one was told the text LAST, how many different ideas of the state there are, and one of them, as JSON.
import { get } from 'node:http';

const [count, url, headers, last] = process.argv.slice(2);
const readers = Array.from({ length: Number(count) }, () => ({ rest: '', states: new Map(), isOpen: false, isDone: false }));

for (const reader of readers) follow(reader);

/** Whoever falls far behind is cut off, and comes back to be told what holds by then. */
function follow(reader) {
  reader.rest = '';
  get(url, { headers: JSON.parse(headers), agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (text) => take(reader, text));
    response.on('error', () => undefined).on('close', () => follow(reader));
  });
}

function take(reader, text) {
  const lines = (reader.rest + text).split('\n');
  reader.rest = lines.pop();
  for (const line of lines) {
    if (!line.startsWith('data: ')) continue;
    const path = /"path":"([^"]*)"/.exec(line)?.[1];
    const reason = /"reason":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
    reader.states.set(path, reason);
    reader.isDone ||= reason === last;
  }
  if (!reader.isOpen) {
    reader.isOpen = true;
    if (readers.every(({ isOpen }) => isOpen)) process.stdout.write('open\n');
  }
  if (readers.every(({ isDone }) => isDone)) {
    const ideas = new Set(
      readers.map(({ states }) => JSON.stringify([...states].map(String).toSorted((a, b) => (a < b ? -1 : 1)))),
    );
    process.stdout.write(`${JSON.stringify({ ideas: ideas.size, states: [...readers[0].states] })}\n`);
    process.exit();
  }
}
