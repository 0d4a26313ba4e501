// The server shows times in the browser's zone, unless the person's account names another.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  document.cookie = `time_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

export {};
