import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sse-parser.js';

const parse = (text: string) => new SseParser().push(Buffer.from(text));

describe('SseParser', () => {
  it.each([
    ['data: a\n\n', [{ event: 'message', data: 'a', id: '' }]],
    ['data:a\r\n\r\n', [{ event: 'message', data: 'a', id: '' }]],
    ['data: a\rdata: b\r\n\r\n', [{ event: 'message', data: 'a\nb', id: '' }]],
    ['\uFEFFdata: a\n\n', [{ event: 'message', data: 'a', id: '' }]],
    [
      'event: x\nid: 7\ndata: a\n\ndata: b\n\n',
      [
        { event: 'x', data: 'a', id: '7' },
        { event: 'message', data: 'b', id: '7' },
      ],
    ],
    [': keepalive\n\n', []],
    ['event: x\n\n', []],
    ['data\n\n', [{ event: 'message', data: '', id: '' }]],
    ['data:  two spaces\n\n', [{ event: 'message', data: ' two spaces', id: '' }]],
    ['id: a\0b\ndata: x\n\n', [{ event: 'message', data: 'x', id: '' }]],
    ['nonsense: 1\ndata: x\n\n', [{ event: 'message', data: 'x', id: '' }]],
    ['data: not ended\n', []],
  ])('reads %j as the specification says', (text, events) => {
    expect(parse(text)).toEqual(events);
  });

  it('keeps the delay the server asks for', () => {
    const parser = new SseParser();
    parser.push(Buffer.from('retry: 250\nretry: soon\n\n'));
    expect(parser.retryMs).toBe(250);
  });

  it('reads a stream alike however it is cut', () => {
    const line = fc.constantFrom('data: ünï 🚦', 'data:', 'event: e', 'id: 1', ': c', 'data: {"a":1}', '');
    const end = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map(([text, ending]) => text + ending).join(''));
        const parser = new SseParser();
        const edges = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].toSorted((a, b) => a - b);
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(new SseParser().push(bytes));
      }),
    );
  });
});
