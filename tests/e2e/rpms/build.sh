# The stand-ins of a small Red Hat; busybox and tini-static stand beside this file in the tree.
rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define 'sources /tmp/sources' /tmp/sources/worker.spec
