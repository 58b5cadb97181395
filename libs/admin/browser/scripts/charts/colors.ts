/** A CSS color as a canvas takes it: what the theme makes of it is known only where it is used. */
export function color(css: string): string {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = css;
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}
