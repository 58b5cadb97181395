import { describe, expect, it } from 'vitest';
import { ClientConfigurationError } from './errors.js';
import { proxyAuthorization, proxyFor } from './proxy.js';

const of = (url: string, variables: Record<string, string>) => proxyFor(new URL(url), variables)?.host ?? null;

describe('proxyFor', () => {
  it.each([
    ['http://a.example/', {}, null],
    ['http://a.example/', { HTTP_PROXY: 'http://p:3128' }, 'p:3128'],
    ['https://a.example/', { HTTP_PROXY: 'http://p:3128' }, null],
    ['https://a.example/', { HTTPS_PROXY: 'http://p:3128' }, 'p:3128'],
    ['http://a.example/', { http_proxy: 'http://lower:1', HTTP_PROXY: 'http://upper:1' }, 'lower:1'],
    ['http://a.example/', { HTTP_PROXY: 'p:3128' }, 'p:3128'],
    ['http://a.example/', { HTTP_PROXY: '' }, null],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '*' }, null],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'b.example, a.example' }, null],
    ['http://x.a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '.a.example' }, null],
    ['http://xa.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a.example' }, 'p:1'],
    ['http://a.example:81/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a.example:80' }, 'p:1'],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a.example:80' }, null],
  ])('%s with %j goes through %s', (url, variables, host) => {
    expect(of(url, variables)).toBe(host);
  });

  it.each(['socks5://p:1080', 'http://'])('refuses %s', (value) => {
    expect(() => of('http://a.example/', { HTTP_PROXY: value })).toThrow(ClientConfigurationError);
  });

  it('signs in with what the address holds', () => {
    expect(proxyAuthorization(new URL('http://me:s%40fe@p:1'))).toEqual({ 'Proxy-Authorization': `Basic ${btoa('me:s@fe')}` });
    expect(proxyAuthorization(new URL('http://p:1'))).toEqual({});
  });
});
