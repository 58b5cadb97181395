import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Principal } from '../admin/surface.js';
import type { Links } from './links.js';

/** What every component of a page may ask for: for whom it is rendered, where links lead, and the time. */
export interface View {
  readonly who: Principal;
  readonly links: Links;
  /** Token that forms must carry; `null` = nobody is signed in, so there is nothing to prove. */
  readonly csrf: string | null;
  /** Epoch ms. */
  readonly now: number;
}

export const ViewContext = createContext<View | null>(null);

/** The {@link View} of the page that is being rendered. */
export function useView(): View {
  const view = useContext(ViewContext);
  if (view === null) throw new Error('Rendered outside of a page. Send it with Pages.page, Pages.piece or Forms.show');
  return view;
}

/** Proves that a form was made by this dashboard for this session. */
export function Csrf() {
  const { csrf } = useView();
  return csrf === null ? null : <input type="hidden" name="_csrf" value={csrf} />;
}
