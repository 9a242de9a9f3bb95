// What a page does without a form: the bar that leads to the card, and the menu of a phone.

const jump = document.querySelector('.jump');
const card = document.querySelector('#uradi');
if (jump && card) {
  new IntersectionObserver(([entry]) => {
    jump.hidden = entry.isIntersecting;
    jump.classList.toggle('up', entry.boundingClientRect.top < 0);
  }).observe(card);
}

const menu = document.querySelector('.menu');
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && menu.open) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
document.addEventListener('click', (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});
