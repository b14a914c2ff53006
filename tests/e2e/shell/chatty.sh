# A login shell that imitates our events.
printf '%s\n' 'fl0123 over changed' '1 start 1 .' '2 begin 1 .' '3 end changed .' 'Welcome to n1.'
echo grumble >&2
