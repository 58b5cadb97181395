import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathTemplate } from './path-template.js';

describe('a path template', () => {
  it.each([
    ['/items', '/items', true],
    ['/items', '/items/1', false],
    ['/items/:id', '/items/1', true],
    ['/items/:id', '/items', false],
    ['/items/:id', '/items/1/2', false],
    ['/items/:id/parts/:part', '/items/1/parts/2', true],
    ['/items/{id}', '/items/1', true],
    ['/files/{name:path}', '/files/a/b', true],
    ['/files/*', '/files/a/b', true],
    ['/files/*path', '/files', false],
    ['/files{/*path}', '/files', true],
    ['/files/{*path}', '/files', true],
    ['/items{/:id}', '/items', true],
    ['/items{/:id}', '/items/1', true],
    ['/items/:id?', '/items', true],
    ['/files/:name.:ext', '/files/a.b.c', true],
    ['/files/:name.:ext', '/files/ab', false],
    ['/:from-:to', '/oslo-rome', true],
    [String.raw`/items/:id(\d+)`, '/items/12', true],
    ['/a.b', '/aXb', false],
    ['/', '/', true],
  ])('%s and %s: %s', (template, path, matching) => {
    expect(new PathTemplate(template).matches(path)).toBe(matching);
  });

  it('matches what is made from it, whatever its parameters are', () => {
    const text = fc.stringMatching(/^[a-z0-9._~-]{1,8}$/);
    const segment = fc.oneof(
      text.map((name) => ({ template: name, path: name })),
      text.map((value) => ({ template: ':p', path: value })),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), text, (segments, more) => {
        const of = (form: 'template' | 'path') => `/${segments.map((part) => part[form]).join('/')}`;
        const template = new PathTemplate(of('template'));
        expect(template.matches(of('path'))).toBe(true);
        expect(template.matches(`${of('path')}/${more}`)).toBe(false);
      }),
    );
  });

  it('is more exact with text than with parameters, and with parameters than with wildcards', () => {
    const ordered = ['/items/new', '/items/:id', '/items/*rest', '/:kind/new', '/*rest'].map((text) => new PathTemplate(text));
    for (let i = 1; i < ordered.length; i++) expect(ordered[i - 1]?.compare(ordered[i] as PathTemplate)).toBeLessThan(0);
  });

  it('takes no longer for one that was made to take long', () => {
    const template = new PathTemplate(`/${'*-'.repeat(200)}b`);
    const before = process.cpuUsage();
    expect(template.matches(`/${'x-'.repeat(1_000)}`)).toBe(false);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200);
  });
});
