import { createInterface } from 'node:readline';
import { CliFailure } from './failure.js';
import { harmless } from './text.js';

/** Whether somebody sits there who can answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for a yes; anything else, the empty answer too, is a no. Only on a terminal. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N]: `)).trim());
}

/** Asks for a line. The question goes to standard error, so that results can be piped. @throws {CliFailure} when the input ends */
export function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve, reject) => {
    let answered = false;
    lines.on('close', () => {
      if (answered) return;
      process.stderr.write('\n');
      reject(new CliFailure('Aborted.'));
    });
    lines.question(harmless(question) + (question.endsWith(' ') ? '' : ' '), (answer) => {
      answered = true;
      resolve(answer);
      lines.close();
    });
  });
}

/** Asks for a line without showing it. */
export function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(`${harmless(question)} `);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (settle: () => void) => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const onData = (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed));
        if (character === '\u0003' || character === '\u0004') return end(() => reject(new CliFailure('Aborted.')));
        if (character === '\u007F' || character === '\b') typed = Array.from(typed).slice(0, -1).join('');
        else if (character === '\u0015') typed = '';
        else if (character >= ' ') typed += character;
      }
    };
    stdin.on('data', onData);
  });
}

/** Everything on standard input, without the last line break. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
