export type { InspectorGuard, SessionInspectorOptions } from './inspector.options.js';
export { SessionInspectorModule } from './session-inspector.module.js';
