import { describe, expect, it } from 'vitest';
import { didYouMean, similarNames } from './similar-names.js';

describe('similarNames', () => {
  it.each([
    ['payment-service', ['payments-service', 'orders-service'], ['payments-service']],
    ['/ordrs', ['/orders', '/items'], ['/orders']],
    ['/Orders/', ['/orders', '/order'], ['/orders']],
    ['/helth', ['/health', '/payments'], ['/health']],
    ['nope', ['payments-service', 'orders-service'], []],
  ])('suggests for %s among %s only what is near: %s', (typed, known, suggested) => {
    expect(similarNames(typed, known)).toEqual(suggested);
  });

  it('does not block the event loop for a long name among 10,000 others', () => {
    const known = Array.from({ length: 10_000 }, (_, i) => `/v1/customers/:customer/orders/${i}/items`);
    const { user, system } = process.cpuUsage();
    similarNames('x'.repeat(2_000), known);
    similarNames('/v1/customers/:customer/orders/nothing/item', known);
    const spent = process.cpuUsage();
    expect((spent.user + spent.system - user - system) / 1000).toBeLessThan(1_000);
  });

  it('is said as a question, or not at all', () => {
    expect(didYouMean(['a', 'b'])).toBe(" Did you mean 'a' or 'b'?");
    expect(didYouMean([])).toBe('');
  });
});
