import { describe, expect, it } from '@jest/globals';
import { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { withDependents, withInjectors, type Wrapper } from '../lib/injection-graph.js';

class Session {}
class Guard {}
class Controller {}

function wrapperOf(metatype: Function, more: object = {}): Wrapper {
  const { name } = metatype;
  return new InstanceWrapper({ token: metatype as never, metatype, name, ...more });
}

const session = wrapperOf(Session);

describe('who depends on whom', () => {
  it('is known of enhancers that Nest wires in wrappers of their own (11.2.7, 12.0.0)', () => {
    const controller = wrapperOf(Controller);
    controller.addEnhancerMetadata(wrapperOf(Guard));
    const guard = wrapperOf(Guard);
    guard.addCtorMetadata(0, wrapperOf(Session));
    const wrappers = [session, guard, controller];
    expect(withDependents([session], wrappers)).toEqual(new Set(wrappers));
    expect(withInjectors([session], wrappers)).toEqual(new Set([session, guard]));
  });

  it.each([
    ['a token', Session],
    ['an optional token', { token: Session, optional: true }],
    ['a forward reference', { forwardRef: () => Session }],
  ])('is known of a factory that is not wired yet (Nest 11), by %s', (_, injected) => {
    const factory = wrapperOf(() => ({}), { token: 'MADE', inject: [injected] });
    const found = withInjectors([session], [session, factory, wrapperOf(Controller)]);
    expect(found).toEqual(new Set([session, factory]));
  });
});
