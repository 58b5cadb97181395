/** Text of each file that pages load, by name. Built by `browser/build.mjs`. */
declare const bundle: Readonly<Record<'dashboard.js' | 'dashboard.css' | 'charts.js' | 'charts.css' | 'icon.svg', string>>;
export = bundle;
