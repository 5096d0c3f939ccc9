/** What there is to try, and where its code stands. */
export const STOPS = [
  {
    path: '/',
    title: 'A bag',
    try: 'Put coffee into your bag, with quick clicks or in two tabs at once: every click counts.',
    shows: "@SessionBag('cart') and update()",
    file: 'sample/cart/cart.controller.ts',
  },
  {
    path: '/checkout',
    title: 'A wizard',
    try: 'Order in three steps. Leave in the middle and come back: it goes on where you were.',
    shows: '@Persistent(), the bag of a controller',
    file: 'sample/checkout/checkout.controller.ts',
  },
  {
    path: '/login',
    title: 'A login',
    try: 'Log in. The session gets a new id, and your bag comes along.',
    shows: 'session.login(), session.flash, @Persistent() of a service',
    file: 'sample/login/login.controller.ts',
  },
  {
    path: '/devices',
    title: 'Your devices',
    try: 'Log in with a second browser, see it in the list, and log it out from here.',
    shows: 'SessionRegistry',
    file: 'sample/account/devices.controller.ts',
  },
  {
    path: '/address',
    title: 'A recent login',
    try: 'Change your address. A minute after the login it asks for the password again.',
    shows: '@RequireRecentLogin(60)',
    file: 'sample/account/address.controller.ts',
  },
  {
    path: '/live',
    title: 'A live page',
    try: 'Watch your session while another tab changes it. Log out there, and this page is cut off.',
    shows: 'SessionContext in a WebSocket gateway',
    file: 'sample/live/live.gateway.ts',
  },
  {
    path: '/session',
    title: 'Variables',
    try: 'Store how your coffee is ground, renew the id, and see what the session tells of itself.',
    shows: 'get(), set(), has(), remove(), regenerateId()',
    file: 'sample/session/session.controller.ts',
  },
  {
    path: '/admin',
    title: 'A second application',
    try: 'Another Nest application in the same session. Each sees its own variables.',
    shows: 'uniqueId',
    file: 'sample/admin/admin.controller.ts',
  },
] as const;
