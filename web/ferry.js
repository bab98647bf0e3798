// Enhances our pages: times in the reader's zone, copy buttons. Everything works without it.
'use strict';
(function () {
  const lang = document.documentElement.lang || 'en';
  for (const time of document.querySelectorAll('time[datetime]')) {
    const when = new Date(time.dateTime);
    if (isNaN(when)) continue;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(when);
  }
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll('button[data-copy]')) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) continue;
    const words = button.textContent;
    button.setAttribute('aria-live', 'polite');
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(source.textContent).then(function () {
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = words; }, 2000);
      });
    });
  }
})();
