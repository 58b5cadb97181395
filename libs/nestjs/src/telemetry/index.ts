export { FlagTelemetryHook, flagAttributes, type FlagTelemetryOptions } from './flag-telemetry.hook.js';
