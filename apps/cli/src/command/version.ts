declare const WAYGATE_VERSION: string;

/** Put in when the program is bundled. */
export const VERSION = WAYGATE_VERSION;
