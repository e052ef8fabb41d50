/** Line icons on a 24-unit grid, as paths. */
export const BUBBLE = 'M4 5h16v11H9l-5 4z'
export const CLOSE = 'M6 6l12 12M18 6L6 18'
export const DOWN = 'M6 10l6 6 6-6'
export const MORE = 'M5 12h.01M12 12h.01M19 12h.01'
export const PICTURE = 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01'
export const CAMERA = 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7z'
