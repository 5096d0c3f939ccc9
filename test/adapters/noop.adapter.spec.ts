import { describe, it } from '@jest/globals';
import { NoopAdapter } from '../../lib/adapters/noop.adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';

describeSessionAdapter('noop', () => new NoopAdapter(), { describe, it, limits: ['forgets'] });
