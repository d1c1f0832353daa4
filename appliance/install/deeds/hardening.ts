import type { Deed } from '../deed.ts'
import { audit } from './hardening/audit.ts'
import { devices } from './hardening/devices.ts'
import { kernel } from './hardening/kernel.ts'
import { notices } from './hardening/notices.ts'
import { passwords } from './hardening/passwords.ts'
import { services } from './hardening/services.ts'
import { sessions } from './hardening/sessions.ts'

/** "STIG adds: … USB storage off …, consent banner, …, password and session rules locked, auditd rules". `appliance/stig` checks each of these. */
export const hardening: Deed[] = [...devices, ...notices, ...kernel, ...audit, ...passwords, ...sessions, ...services]
