import { Icon } from './icon.js';

interface SecretProps {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
  readonly back: string;
}

/** Something that is shown this once. */
export function Secret({ title, text, secret, back }: SecretProps) {
  return (
    <div class="dialog-form">
      <header class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <a class="icon-button" href={back} aria-label="Close">
          <Icon name="close" />
        </a>
      </header>
      <div class="dialog-content">
        <p class="dialog-note">{text}</p>
        <code class="code-block secret">{secret}</code>
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button" data-copy={secret}>
          Copy
        </button>
        <a class="button primary" href={back}>
          Done
        </a>
      </footer>
    </div>
  );
}
