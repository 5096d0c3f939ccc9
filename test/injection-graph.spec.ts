import { describe, expect, it } from '@jest/globals';
import { NestContainer } from '@nestjs/core';
import { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { Module } from '@nestjs/core/injector/module.js';
import { withDependents, withInjectors, type Wrapper } from '../lib/injection-graph.js';

class Session {}
class Guard {}
class Controller {}

/** The module of all. */
const host = new Module(class Root {}, new NestContainer());

function wrapperOf(metatype: Function, more: object = {}): Wrapper {
  const { name } = metatype;
  return new InstanceWrapper({ token: metatype as never, metatype, name, host, ...more });
}

const session = wrapperOf(Session);
host.providers.set(Session, session);

describe('who depends on whom', () => {
  it('is known of enhancers that Nest wires in wrappers of their own (11.2.7, 12.0.0)', () => {
    const controller = wrapperOf(Controller);
    controller.addEnhancerMetadata(wrapperOf(Guard));
    const guard = wrapperOf(Guard);
    host.injectables.set(Guard, guard);
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
