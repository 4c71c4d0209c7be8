// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.Collection;
import java.util.HashMap;
import java.util.TreeMap;

/**
 * The objects of one kind (Linux: {@code struct ipc_ids}). The monitor guards everything below.
 *
 * @param <T> the kind
 */
public abstract class IpcTable<T extends IpcObject> {

    public static final int IPC_CREAT = 01000;
    public static final int IPC_EXCL = 02000;
    public static final int IPC_NOWAIT = 04000;
    public static final int IPC_PRIVATE = 0;

    private static final int PLACE_BITS = 15;

    /** Places are used in turn over at least so many (Linux: ipc_min_cycle). */
    private static final int CYCLE_MIN = 64;

    private final TreeMap<Integer, T> places = new TreeMap<>();
    private final HashMap<Integer, T> keys = new HashMap<>();
    private int nextPlace;
    private int lastPlace = -1;
    private int sequence;

    IpcTable() {}

    /** Finds or makes an object (Linux: ipcget); more checks are those of {@link #checkFound}. */
    int get(Credentials who, int key, int flags, long wanted, long nowSeconds)
            throws ErrnoException {
        synchronized (this) {
            T found = key == IPC_PRIVATE ? null : keys.get(key);
            if (found != null) {
                int exclusive = IPC_CREAT | IPC_EXCL;
                if ((flags & exclusive) == exclusive) {
                    throw Errno.EEXIST.exception();
                }
                checkFound(found, wanted);
                found.checkAccess(who, flags);
                return found.id;
            }
            if (key != IPC_PRIVATE && (flags & IPC_CREAT) == 0) {
                throw Errno.ENOENT.exception();
            }
            T made = make(who, key, flags, wanted, nowSeconds);
            boolean done = false;
            try {
                add(made);
                done = true;
            } finally {
                if (!done) {
                    discarded(made);
                }
            }
            return made.id;
        }
    }

    abstract void checkFound(T found, long wanted) throws ErrnoException;

    abstract T make(Credentials who, int key, int flags, long wanted, long nowSeconds)
            throws ErrnoException;

    /** An object is gone, or was not taken into the table. */
    void discarded(T object) {}

    /** How many there may be. */
    abstract int countMax();

    private void add(T made) throws ErrnoException {
        if (places.size() >= Math.min(countMax(), IpcLimits.PLACES)) {
            throw Errno.ENOSPC.exception();
        }
        int end = Math.min(Math.max(places.size() * 3 / 2, CYCLE_MIN), IpcLimits.PLACES);
        int place = nextPlace < end ? nextPlace : 0;
        while (places.containsKey(place)) {
            place = place + 1 < end ? place + 1 : 0;
        }
        nextPlace = place + 1;
        if (place <= lastPlace) {
            sequence = sequence + 1 & 0xffff;
        }
        lastPlace = place;
        made.sequence = sequence;
        made.id = sequence << PLACE_BITS | place;
        places.put(place, made);
        if (made.key != IPC_PRIVATE) {
            keys.put(made.key, made);
        }
    }

    /** Finds by id; EINVAL if there is none. */
    T find(int id) throws ErrnoException {
        T found = id < 0 ? null : places.get(id & IpcLimits.PLACES - 1);
        if (found == null || found.id != id) {
            throw Errno.EINVAL.exception();
        }
        return found;
    }

    /** Finds by place, as the STAT commands of tools do; EINVAL if there is none. */
    T findPlace(int place) throws ErrnoException {
        T found = place < 0 ? null : places.get(place & IpcLimits.PLACES - 1);
        if (found == null) {
            throw Errno.EINVAL.exception();
        }
        return found;
    }

    /** Takes the key off: the object is found by its id alone. */
    void forgetKey(T object) {
        if (object.key != IPC_PRIVATE) {
            keys.remove(object.key);
            object.key = IPC_PRIVATE;
        }
    }

    /** IPC_RMID. EINVAL, EPERM. */
    public void remove(Task task, int id) throws ErrnoException {
        synchronized (this) {
            T object = find(id);
            object.checkControl(task.credentials());
            retire(object);
        }
    }

    /** What IPC_RMID does to an object. */
    void retire(T object) {
        remove(object);
    }

    /** Takes an object out. */
    void remove(T object) {
        if (object.key != IPC_PRIVATE) {
            keys.remove(object.key);
        }
        object.removed = true;
        places.remove(object.id & IpcLimits.PLACES - 1);
        discarded(object);
    }

    int count() {
        return places.size();
    }

    /** The highest place in use, 0 if there is none (as IPC_INFO answers). */
    int highestPlace() {
        return places.isEmpty() ? 0 : places.lastKey();
    }

    /** The objects in order of their places. */
    Collection<T> objects() {
        return places.values();
    }

    /**
     * IPC_STAT and the like.
     *
     * @param byPlace whether {@code id} is a place
     * @param checked whether read permission is needed
     * @param result filled in
     * @return the id
     */
    public int stat(Credentials who, int id, boolean byPlace, boolean checked, byte[] result)
            throws ErrnoException {
        synchronized (this) {
            T object = byPlace ? findPlace(id) : find(id);
            if (checked) {
                object.checkAccess(who, IpcObject.READ);
            }
            object.write(result);
            return object.id;
        }
    }

    /** Appends the lines of {@code /proc/sysvipc}, without the heading. */
    public abstract void list(StringBuilder out);

    /** Appends a number, right-aligned. */
    static StringBuilder column(StringBuilder out, long value, int width) {
        return column(out, Long.toString(value), width);
    }

    static StringBuilder unsigned(StringBuilder out, int value, int width) {
        return column(out, Integer.toUnsignedString(value), width);
    }

    /** Appends the four ids of an object. */
    static void owners(StringBuilder out, IpcObject object) {
        unsigned(out, IpcObject.viewer().shownUid(object.uid), 5).append(' ');
        unsigned(out, IpcObject.viewer().shownGid(object.gid), 5).append(' ');
        unsigned(out, IpcObject.viewer().shownUid(object.creatorUid), 5).append(' ');
        unsigned(out, IpcObject.viewer().shownGid(object.creatorGid), 5).append(' ');
    }

    static StringBuilder column(StringBuilder out, String text, int width) {
        return out.append(" ".repeat(Math.max(width - text.length(), 0))).append(text);
    }
}
