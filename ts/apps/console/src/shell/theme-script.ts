/** Where this browser keeps the chosen theme. */
export const THEME_KEY = 'lockstitch-theme'

/**
 * Sets the chosen theme before the first paint.
 *
 * It is inlined into every page, so its text must stay the same for all of them.
 */
export const THEME_SCRIPT = `try{const t=localStorage.getItem('${THEME_KEY}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}`
