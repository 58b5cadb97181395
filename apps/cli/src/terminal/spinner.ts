import { isatty } from 'node:tty';

const STDERR = 2;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const DELAY_MS = 500;
const FRAME_MS = 80;

/** Shows that something takes long: after half a second, on a terminal only, and gone without a trace. */
export class Spinner {
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  start(text: string): void {
    if (this.#timer !== undefined || !isatty(STDERR)) return;
    let frame = 0;
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => {
        this.#shown = true;
        process.stderr.write(`\r${FRAMES[(frame += 1) % FRAMES.length]} ${text} …`);
      }, FRAME_MS);
      this.#timer.unref();
    }, DELAY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown) process.stderr.write('\r\u001B[K');
    this.#shown = false;
  }
}
