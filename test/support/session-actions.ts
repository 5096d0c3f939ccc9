import { Controller, Get, Header, Param } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import type { Answer, Client } from './client.js';

/** Something that a request does with its session. */
export type SessionAction = (session: SessionService) => unknown;

/** Actions by name, for the test to add to; each is run by `GET /do/<name>`. */
export const actions = new Map<string, SessionAction>();

/** Runs what the test asks for, within a request. */
@Controller()
export class ActionsController {
  constructor(private readonly session: SessionService) {}

  @Get('do/:name')
  @Header('Content-Type', 'application/json')
  async do(@Param('name') name: string): Promise<string> {
    const result = await actions.get(name)?.(this.session);
    return JSON.stringify(result instanceof SessionService ? null : (result ?? null));
  }
}

/** Runs an action within a request of that client. */
export function runAs(client: Client, action: SessionAction): Promise<Answer> {
  const name = `action-${actions.size}`;
  actions.set(name, action);
  return client.get(`/do/${name}`);
}

/** Reads all variables. */
export const everything: SessionAction = (session) => session.toJSON();
