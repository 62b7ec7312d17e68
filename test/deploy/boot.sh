#!/bin/bash
# A real systemd as PID 1 of its own namespaces. Runs inside `unshare --mount --pid --uts --ipc --cgroup --fork`.
# usage: boot.sh ROOT INSTANCE [FROM:TO...]
#   ROOT      file system, not written to
#   INSTANCE  directory of this machine: upper, work and root are made in it
#   FROM:TO   directories of this host to show at TO
set -euo pipefail
root=$1 instance=$2
shift 2
mount --make-rprivate /
mkdir -p "$instance"/{upper,work,root}
r=$instance/root
if ! mount -t overlay overlay -o "lowerdir=$root,upperdir=$instance/upper,workdir=$instance/work" "$r" 2> /dev/null; then
  # The host's own file system is an overlay: copied instead.
  cp -a --reflink=auto "$root/." "$r"
  mount --bind "$r" "$r"
fi
for pair; do
  mkdir -p "$r${pair#*:}"
  mount --bind "${pair%%:*}" "$r${pair#*:}"
done
mount -t proc proc "$r/proc"
mount -t sysfs -o ro sysfs "$r/sys"
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$r/sys/fs/cgroup"
  mkdir -p "$r"/sys/fs/cgroup/{systemd,unified}
  mount -t cgroup -o none,name=systemd,xattr cgroup "$r/sys/fs/cgroup/systemd"
fi
mount -t tmpfs -o mode=755 tmpfs "$r/run"
mount -t tmpfs tmpfs "$r/tmp"
mount -t tmpfs -o mode=755 tmpfs "$r/dev"
for device in null zero full random urandom tty; do
  touch "$r/dev/$device"
  mount --bind "/dev/$device" "$r/dev/$device"
done
mkdir -p "$r"/dev/{pts,shm}
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$r/dev/pts"
mount -t tmpfs tmpfs "$r/dev/shm"
ln -sf pts/ptmx "$r/dev/ptmx"
ln -sf /proc/self/fd "$r/dev/fd"
cd "$r"
mkdir -p mnt
pivot_root . mnt
umount -l /mnt
# As systemd expects it of whoever starts a container: without it, credentials that it mounts don't reach the services.
mount --make-rshared /
exec /usr/bin/env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
