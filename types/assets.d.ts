/** Style sheets are taken by Vite; what they hold is nothing to TypeScript. */
declare module '*.css';
