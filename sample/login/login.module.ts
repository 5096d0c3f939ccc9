import { Module } from '@nestjs/common';
import { LoggedOutController, LoginController } from './login.controller.js';
import { LoginAttempts } from './login-attempts.js';
import { Users } from './users.js';

@Module({
  controllers: [LoginController, LoggedOutController],
  providers: [LoginAttempts, Users],
})
export class LoginModule {}
