/** One event of a stream, before it is known who gets it. Encoded at most once in each of its two forms. */
export class StreamEvent {
  #everywhere: string | undefined;
  #local: string | undefined;

  /**
   * @param service what it is about belongs to
   * @param audit whether only those who follow the audit log get it
   * @param payload `local` = as the service itself knows it
   */
  constructor(
    readonly service: string | null,
    private readonly payload: (local: boolean) => object,
    readonly audit = false,
  ) {}

  /** A `data:` line; one complete JSON object (wire contract, §7). Empty for a record that no writer of ours made, and nobody can read. */
  line(local: boolean): string {
    if (local) return (this.#local ??= this.#encode(true));
    return (this.#everywhere ??= this.#encode(false));
  }

  #encode(local: boolean): string {
    try {
      return `data: ${JSON.stringify(this.payload(local))}\n`;
    } catch {
      return '';
    }
  }
}
