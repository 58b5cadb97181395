import { Controller, Get, Header } from '@nestjs/common';
import { Arrivals } from './arrivals.js';

@Controller()
export class PageController {
  constructor(private readonly arrivals: Arrivals) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    const rows = this.arrivals
      .list()
      .map(({ receiver, body }) => `<tr><td>${receiver}</td><td><pre>${escaped(JSON.stringify(body, null, 2))}</pre></td></tr>`);
    return `<!doctype html>
<html lang="en">
  <meta http-equiv="refresh" content="2">
  <title>What arrived</title>
  <h1>${rows.length} webhooks arrived</h1>
  <table>${rows.join('\n')}</table>
</html>
`;
  }
}

/** What others sent is text here, whatever it contains. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
