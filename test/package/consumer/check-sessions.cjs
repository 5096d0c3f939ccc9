const { createModule } = require('./application.cjs');

/** What an application does with the package, on either module system. */
exports.checkSessions = async function checkSessions({ core, common, sessions, memory, platform }) {
  const store = heldStore(memory.MemoryAdapter);
  const module = createModule({ common, sessions, store });
  const app = await core.NestFactory.create(module, platform(), { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  try {
    const url = await app.getUrl();
    await checkNothingIsDone(url, store);
    await checkBagIsKept(url);
    await checkPersistent(url);
    await checkLogin(url);
    await checkUpdates(url);
    await checkRedirectIsHeld(url, store);
  } finally {
    await app.close();
  }
};

async function checkNothingIsDone(url, store) {
  const { headers } = await browser(url).get('/unused');
  expectEqual(headers.getSetCookie().length, 0, 'cookies of a route without a session');
  expectEqual(store.calls, 0, 'store calls of a route without a session');
}

async function checkBagIsKept(url) {
  const visitor = browser(url);
  const saved = await visitor.post('/visit/user');
  expectEqual(saved.status, 201, 'status of the first answer');
  const [cookie = ''] = saved.headers.getSetCookie();
  expectEqual(/^sid=[\w-]{43};.*HttpOnly/.test(cookie), true, 'first answer sets the cookie');
  expectEqual((await visitor.get('/visit/user')).text, '{"name":"Kimbra"}', 'bag');
  expectEqual((await browser(url).get('/visit/user')).text, '{}', 'bag of another visitor');
}

async function checkPersistent(url) {
  const visitor = browser(url);
  await visitor.post('/visit/count');
  const { text } = await visitor.post('/visit/count');
  expectEqual(text, '{"visits":2}', '@Persistent of a singleton controller');
  await visitor.post('/guarded');
  const guarded = await visitor.post('/guarded');
  expectEqual(guarded.text, '{"passed":2}', '@Persistent of a guard, below a factory');
}

async function checkLogin(url) {
  const visitor = browser(url);
  await visitor.post('/account/add');
  expectEqual((await visitor.get('/account/private')).status, 403, 'guard before the login');
  const before = visitor.cookie;
  await visitor.post('/account/login');
  expectEqual(visitor.cookie === before, false, 'login keeps the id');
  const { text } = await visitor.get('/account/private');
  const expected = '{"owner":"kimbra","sessions":1,"logins":1}';
  expectEqual(text, expected, 'owner, registry and @Persistent of a request-scoped controller');
  expectEqual((await browser(url, before).get('/account/private')).status, 403, 'old id');

  const copy = browser(url, visitor.cookie);
  await visitor.post('/account/logout');
  expectEqual(visitor.cookie, '', 'cookie after the logout');
  expectEqual((await copy.get('/account/private')).status, 403, 'copied cookie after the logout');
}

async function checkUpdates(url) {
  const visitor = browser(url);
  await visitor.post('/account/add');
  await Promise.all(Array.from({ length: 20 }, () => visitor.post('/account/add')));
  expectEqual((await visitor.post('/account/add')).text, '{"sum":22}', 'parallel updates');
}

/** The store holds what it is asked to write; meanwhile no byte of the redirect may leave. */
async function checkRedirectIsHeld(url, store) {
  const visitor = browser(url);
  const { arrived, release } = store.holdNextWrite();
  let isAnswered = false;
  const answering = visitor.post('/account/redirect').finally(() => (isAnswered = true));
  await arrived;
  // A round trip on the same server: what had left before would have come by now.
  await browser(url).get('/unused');
  expectEqual(isAnswered, false, 'redirect before the session is stored');
  release();
  const { status, headers } = await answering;
  expectEqual(`${status} ${headers.get('location')}`, '303 /visit/user', 'redirect');
}

/** A store of an application's own: that of the package, with its writes held on demand. */
function heldStore(MemoryAdapter) {
  let gate = { isReached() {}, isOpen: Promise.resolve() };
  return new (class extends MemoryAdapter {
    calls = 0;

    holdNextWrite() {
      let release;
      const isOpen = new Promise((resolve) => (release = resolve));
      const arrived = new Promise((isReached) => (gate = { isReached, isOpen }));
      return { arrived, release };
    }

    read(...args) {
      this.calls++;
      return super.read(...args);
    }

    async create(...args) {
      this.calls++;
      gate.isReached();
      await gate.isOpen;
      return super.create(...args);
    }
  })();
}

/** Keeps the session's cookie as it is set and cleared. */
function browser(url, cookie = '') {
  return {
    cookie,
    get(path) {
      return this.send(path, 'GET');
    },
    post(path) {
      return this.send(path, 'POST');
    },
    async send(path, method) {
      const headers = this.cookie === '' ? {} : { cookie: this.cookie };
      const response = await fetch(url + path, { method, headers, redirect: 'manual' });
      const [set] = response.headers.getSetCookie();
      if (set !== undefined) this.cookie = set.startsWith('sid=;') ? '' : set.split(';')[0];
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}
