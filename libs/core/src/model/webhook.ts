/** Being built. */
export interface WebhookRecord {
  readonly key: string;
}

/** Being built. */
export interface WebhookDeliveryRecord {
  readonly key: string;
}
