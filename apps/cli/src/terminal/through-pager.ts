import { spawn } from 'node:child_process';
import type { Output } from './output.js';

/** Shows what was said through `PAGER` (`less -FRX`) when it is longer than the terminal; `PAGER=` or `cat` switches that off. */
export async function throughPager(out: Output): Promise<void> {
  const pager = process.env['PAGER'] ?? 'less -FRX';
  const text = out.take();
  const tooLong = out.isTerminal && !out.json && text.split('\n').length > out.rows;
  if (!tooLong || pager === '' || pager === 'cat' || !(await shownBy(pager, text))) out.raw(text);
}

/** @returns whether the pager could be started */
function shownBy(pager: string, text: string): Promise<boolean> {
  const [command = 'less', ...args] = pager.split(' ').filter((word) => word !== '');
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.on('error', () => resolve(false));
    child.on('close', () => resolve(true));
    // Whoever leaves the pager early has read enough.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}
