/** Ends a subscription. Calling it twice is fine. */
export type Unsubscribe = () => void;
