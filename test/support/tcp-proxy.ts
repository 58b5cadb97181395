import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, and can be slow, cut connections, and swallow answers. */
export class TcpProxy {
  /** Delay of what the server sends, in ms. */
  delayMs = 0;
  /** So many answers are swallowed, and the connection with each: what was asked for happened, and nobody is told. */
  answersToSwallow = 0;
  /** Whether new connections are closed at once. */
  isDown = false;
  /** Connections in order: when the first bytes came, by `performance.now()`, and how they began. */
  readonly connections: { readonly at: number; readonly head: string }[] = [];
  #isFrozen = false;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    /** Where new connections lead. */
    public targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port, targetPort);
    server.on('connection', (client) => {
      if (proxy.isDown) client.destroy();
      else proxy.#join(client, connect(proxy.targetPort, '127.0.0.1'));
    });
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Cuts what is connected; who comes again is let in. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Holds back every byte of both sides, those of new connections too; nothing is closed. */
  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Makes clients read what no server sent. */
  inject(bytes: string): void {
    for (const client of this.#clients) client.write(bytes);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.once('data', (chunk) => this.connections.push({ at: performance.now(), head: chunk.toString('latin1', 0, 100) }));
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (this.answersToSwallow > 0) {
        this.answersToSwallow--;
        client.destroy();
      } else if (this.delayMs === 0) client.write(chunk);
      else setTimeout(() => client.destroyed || client.write(chunk), this.delayMs);
    });
    if (this.#isFrozen) for (const socket of [client, upstream]) socket.pause();
  }
}
