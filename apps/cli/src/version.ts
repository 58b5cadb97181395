declare const __WAYGATE_VERSION__: string;

/** Put in when the program is bundled. */
export const VERSION = __WAYGATE_VERSION__;
