/** Fields of a flag's rules that depend on what is chosen beside them. */
export function startTargeting(): void {
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.name === 'clause_operator') suggestFor(target);
    if (target.dataset['serve'] === undefined) return;
    const shares = target.closest('.serve')?.querySelector<HTMLElement>('[data-rollout]');
    if (shares) shares.hidden = target.value !== '%';
  });
}

/** Segments are offered where a condition asks for them. */
function suggestFor(operator: HTMLSelectElement): void {
  const values = operator.closest('.clause')?.querySelector<HTMLInputElement>('[name="clause_values"]');
  if (!values) return;
  const asksSegments = /^(not_)?in_segment$/.test(operator.value);
  if (asksSegments) values.setAttribute('list', 'segments');
  else values.removeAttribute('list');
  values.placeholder = `${asksSegments ? 'segments' : 'values'}, separated by commas`;
  values.setAttribute('aria-label', asksSegments ? 'Segments' : 'Values');
}
