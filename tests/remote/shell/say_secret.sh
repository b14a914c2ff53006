# CODE
# Prints a secret, plain and in base64, slowly enough to be followed. Exit: CODE.
echo "it said the-word-of-the-day"
echo the-word-of-the-day | base64
sleep 1.3
exit "$1"
