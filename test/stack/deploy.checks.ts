/** The ways to deploy the tracker. */
import './areas/deploy.ts';
import './areas/packaged.ts';
