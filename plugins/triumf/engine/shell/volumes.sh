# Prints a line for each volume group: its name, GiB free.
vgs --noheadings --units g -o vg_name,vg_free 2>/dev/null
