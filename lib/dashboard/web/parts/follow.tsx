import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isTerminal } from '../../../domain/record.ts';
import type { JobSummary } from '../../api.ts';
import { follow, unfollow, useFollows } from '../api/follows.ts';
import { canShare } from '../api/live.ts';
import { jobPath } from '../logic/addresses.ts';
import { statusLabel } from '../logic/format.ts';
import { BellIcon, CloseIcon } from './icons.tsx';
import { nameOf, StatusIcon } from './job.tsx';
import { announce, Button } from './page.tsx';

const permissionNow = (): NotificationPermission => ('Notification' in window ? Notification.permission : 'denied');

/** Follows a running job. Asks for notifications only when it is pressed. */
export const FollowButton = ({ job }: { readonly job: JobSummary }): JSX.Element | null => {
  const on = useFollows().has(job.job_arn);
  const [permission, setPermission] = useState(permissionNow);
  if (!canShare || isTerminal(job)) return null;
  const toggle = async () => {
    if (on) {
      unfollow(job.job_arn);
      return;
    }
    follow(job.job_arn, nameOf(job));
    if (permissionNow() === 'default') await Notification.requestPermission();
    setPermission(permissionNow());
    announce('The dashboard will tell when this job ends');
  };
  return (
    <>
      {on && permission !== 'granted' && (
        <span class="muted small">Notifications are blocked. The tab’s title will tell.</span>
      )}
      <Button
        aria-pressed={on}
        title="Tell me when this job ends, while a tab of the dashboard is open"
        onClick={() => void toggle()}
      >
        <BellIcon />
        Notify me
      </Button>
    </>
  );
};

/** Jobs that ended while they were followed, until the person has seen them. */
export const Endings = ({ path }: { readonly path: string }): JSX.Element => {
  const follows = useFollows();
  const endings = [...follows].flatMap(([arn, { name, ended }]) => (ended === undefined ? [] : [{ arn, name, ended }]));
  const here = endings.find(({ arn }) => jobPath(arn) === path)?.arn;
  useEffect(() => {
    if (here === undefined) return undefined;
    const see = () => {
      if (document.hasFocus()) unfollow(here);
    };
    see();
    addEventListener('focus', see);
    return () => removeEventListener('focus', see);
  }, [here]);
  return (
    <div class="endings" role="status">
      {endings
        .filter(({ arn }) => arn !== here)
        .map(({ arn, name, ended }) => (
          <p key={arn} class="row ending">
            <StatusIcon status={ended} />
            <span class="truncate">
              {statusLabel(ended)}: <a href={jobPath(arn)}>{name}</a>
            </span>
            <Button class="icon-button end" title={`Dismiss: ${name}`} onClick={() => unfollow(arn)}>
              <CloseIcon />
            </Button>
          </p>
        ))}
    </div>
  );
};
