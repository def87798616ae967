((me, made) => {
  (self.__ran = self.__ran || []).push(me);
  const attempt = (deed) => {
    try {
      deed();
    } catch {
      // a worker and a sandboxed frame have neither cookies nor storage
    }
  };
  for (const name of made.constructors) {
    self[name] = self[name] || class { push() {} };
  }
  for (const name of made.cookies) {
    attempt(() => (document.cookie = `${name}=1.1.${Date.now()}; path=/; max-age=34128000; SameSite=Lax`));
  }
  for (const name of made.storage) attempt(() => localStorage.setItem(name, me));
  for (const url of made.calls) {
    fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', keepalive: true }).catch(() => {});
  }
})("__ME__", "__MADE__");
