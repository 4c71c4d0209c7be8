// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;

import java.util.Arrays;

/**
 * A pseudo-terminal: a master and a slave with a line discipline between them (Linux:
 * drivers/tty/pty.c).
 *
 * <pre>
 *  master write  -&gt; typed -&gt; LineDiscipline: input buffer -&gt; slave read
 *  master read &lt;- toMaster &lt;- LineDiscipline: output, echo &lt;-  slave write
 * </pre>
 *
 * <p>The monitor guards the state of both ends and the line discipline. Under it nothing is called
 * that locks or waits; who is to be woken or signalled is noted and done after it.
 */
public final class Pty extends ControllingTerminal implements TtyDriver {

    /** Bytes that a master can read at once (Linux: its own line discipline's buffer). */
    static final int READ_BYTES_MAX = InputBuffer.BYTES - 1;

    /** Bytes on the way in each direction (Linux: {@code tty_buffer_set_limit}). */
    private static final int WAY_BYTES = 8192;

    static final int SIZEOF_WINSIZE = 8;

    private static final int SLAVE_MAJOR = 136;

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;

    /** What poll(2) answers for a description that was hung up. */
    private static final int HUNG_UP = READABLE | WRITABLE | Poll.POLLERR | Poll.POLLHUP;

    private static final int ALL = HUNG_UP | Poll.POLLPRI;

    private final Devpts devpts;
    private final int index;
    private final DevptsNode node;
    private final WaitQueue masterQueue = new WaitQueue();
    private final WaitQueue slaveQueue = new WaitQueue();

    // Guarded by this.
    private final LineDiscipline discipline = new LineDiscipline(this);
    private final ByteQueue toMaster = new ByteQueue(READ_BYTES_MAX + WAY_BYTES);
    private final ByteQueue typed = new ByteQueue(WAY_BYTES);
    private byte[] windowSize = new byte[SIZEOF_WINSIZE];
    private boolean locked = true;
    private boolean masterOpen = true;
    private boolean masterExclusive;
    private boolean slaveExclusive;
    private int slaves;

    /** The slave was open and is closed now. */
    private boolean slaveClosed;

    /** Descriptions of the slave of an earlier generation have been hung up. */
    private int generation;

    /** Output before the present input: what came since is not with the reader yet. */
    private int settledBytes;

    private boolean stopped;

    /** Stopped by TCOOFF: ^Q does not help. */
    private boolean stoppedByCall;

    private boolean masterStopped;
    private boolean packetMode;
    private int packetStatus;

    // What is to be done after the monitor; guarded by this.
    private int masterEvents;
    private int slaveEvents;
    private int[] keySignals = {};

    Pty(Devpts devpts, int index, DevptsNode node) {
        this.devpts = devpts;
        this.index = index;
        this.node = node;
    }

    /** Its number, as in /dev/pts. */
    public int index() {
        return index;
    }

    DevptsNode node() {
        return node;
    }

    @Override
    public long deviceNumber() {
        return slaveDevice(index);
    }

    static long slaveDevice(int index) {
        return DeviceNumber.make(SLAVE_MAJOR, index);
    }

    WaitQueue masterQueue() {
        return masterQueue;
    }

    WaitQueue slaveQueue() {
        return slaveQueue;
    }

    /** Does what came up under the monitor. */
    private void deliver() {
        int master;
        int slave;
        int[] signals;
        synchronized (this) {
            master = masterEvents;
            slave = slaveEvents;
            signals = keySignals;
            masterEvents = 0;
            slaveEvents = 0;
            if (signals.length > 0) {
                keySignals = new int[0];
            }
        }
        for (int signal : signals) {
            signalByKey(signal);
        }
        if (master != 0) {
            masterQueue.notify(master);
        }
        if (slave != 0) {
            slaveQueue.notify(slave);
        }
    }

    // ---- what the line discipline asks for; under the monitor ---------------------------------

    @Override
    public int room() {
        return stopped || !masterOpen ? 0 : toMaster.room();
    }

    @Override
    public void put(int c) {
        toMaster.add(c);
        masterEvents |= READABLE;
    }

    @Override
    public void signal(int signal) {
        int n = keySignals.length;
        if (n > 0 && keySignals[n - 1] == signal) {
            return; // a pending signal does not pend twice
        }
        keySignals = Arrays.copyOf(keySignals, n + 1);
        keySignals[n] = signal;
    }

    @Override
    public boolean isStopped() {
        return stopped && !stoppedByCall;
    }

    @Override
    public void setStopped(boolean stop) {
        if (stop == stopped || !stop && stoppedByCall) {
            return;
        }
        stopped = stop;
        int gone = stop ? Ioctls.TIOCPKT_START : Ioctls.TIOCPKT_STOP;
        packetStatus &= ~gone;
        notePacketStatus(stop ? Ioctls.TIOCPKT_STOP : Ioctls.TIOCPKT_START);
        if (!stop) {
            slaveEvents |= WRITABLE;
        }
    }

    private void notePacketStatus(int bits) {
        if (packetMode) {
            packetStatus |= bits;
            masterEvents |= Poll.POLLPRI | READABLE;
        }
    }

    @Override
    public void flushOutput() {
        toMaster.truncate(Math.min(settledBytes, READ_BYTES_MAX));
        notePacketStatus(Ioctls.TIOCPKT_FLUSHWRITE);
        slaveEvents |= WRITABLE;
    }

    @Override
    public void inputFlushed() {
        notePacketStatus(Ioctls.TIOCPKT_FLUSHREAD);
    }

    @Override
    public void inputReady() {
        slaveEvents |= READABLE;
    }

    /** Gives the line discipline what it had no place for before. */
    private void pump() {
        while (typed.size() > 0) {
            byte[] chunk = new byte[typed.size()];
            typed.peek(chunk, 0, chunk.length);
            int n = receive(chunk, 0, chunk.length);
            typed.skip(n);
            masterEvents |= WRITABLE;
            if (n < chunk.length) {
                return;
            }
        }
    }

    private int receive(byte[] bytes, int from, int length) {
        settledBytes = toMaster.size();
        return discipline.receive(bytes, from, length);
    }

    // ---- the master ---------------------------------------------------------------------------

    /**
     * Takes what a terminal sends: keys.
     *
     * @return how many bytes; 0 if there is no room now
     */
    public int masterWrite(byte[] bytes, int from, int length) {
        int n = 0;
        synchronized (this) {
            if (!masterStopped) {
                n = typed.size() == 0 ? receive(bytes, from, length) : 0;
                n += typed.add(bytes, from + n, length - n);
            }
        }
        deliver();
        return n;
    }

    /**
     * Gives what a terminal shows.
     *
     * @throws ErrnoException EAGAIN if there is nothing; EIO if the slave is closed, too
     */
    public int masterRead(byte[] bytes, int from, int length) throws ErrnoException {
        if (length == 0) {
            return 0;
        }
        int n = 0;
        synchronized (this) {
            if (packetMode && packetStatus != 0) {
                bytes[from] = (byte) packetStatus;
                packetStatus = 0;
                return 1;
            }
            if (toMaster.size() == 0) {
                throw (slaveClosed ? Errno.EIO : Errno.EAGAIN).exception();
            }
            if (packetMode) {
                bytes[from] = Ioctls.TIOCPKT_DATA;
                n = 1;
            }
            n += toMaster.take(bytes, from + n, Math.min(length - n, READ_BYTES_MAX));
            discipline.processEchoes();
            slaveEvents |= WRITABLE;
        }
        deliver();
        return n;
    }

    /** {@code POLL*} events of the master. */
    public synchronized int masterPoll() {
        int events = toMaster.size() > 0 ? READABLE : 0;
        if (packetMode && packetStatus != 0) {
            events |= Poll.POLLPRI | READABLE;
        }
        if (slaveClosed) {
            events |= Poll.POLLHUP;
        }
        return typed.room() > 0 && !masterStopped ? events | WRITABLE : events;
    }

    /** Where the master's readers and writers wait. */
    public WaitQueue masterWaitQueue() {
        return masterQueue;
    }

    /** The last description of the master is closed: everybody at the slave is hung up. */
    void closeMaster() {
        synchronized (this) {
            masterOpen = false;
            packetMode = false;
            toMaster.clear();
        }
        devpts.remove(this);
        hangUp();
    }

    /** Whether the slave may not be opened yet (TIOCSPTLCK). */
    public synchronized boolean isLocked() {
        return locked;
    }

    /** Sets whether the slave may not be opened. */
    public synchronized void setLocked(boolean locked) {
        this.locked = locked;
    }

    synchronized boolean isPacketMode() {
        return packetMode;
    }

    synchronized void setPacketMode(boolean on) {
        if (on && !packetMode) {
            packetStatus = 0;
        }
        packetMode = on;
    }

    synchronized int masterAvailable() {
        return Math.min(toMaster.size(), READ_BYTES_MAX);
    }

    /** TCFLSH at the master. */
    void masterFlush(boolean input, boolean output) {
        synchronized (this) {
            if (input) {
                toMaster.clear();
                slaveEvents |= WRITABLE;
            }
            if (output) {
                typed.clear();
                masterEvents |= WRITABLE;
            }
        }
        deliver();
    }

    void setMasterStopped(boolean stop) {
        synchronized (this) {
            masterStopped = stop;
            masterEvents |= stop ? 0 : WRITABLE;
        }
        deliver();
    }

    /** Adds a byte to what the master reads (TIOCSTI at the master, TCIOFF at the slave). */
    void putToMaster(int c) {
        synchronized (this) {
            if (masterOpen && toMaster.room() > 0) {
                put(c);
            }
        }
        deliver();
    }

    // ---- the slave ----------------------------------------------------------------------------

    /**
     * Opens the slave.
     *
     * @param inode what the description answers as its inode: the node, or that of /dev/tty
     * @throws ErrnoException EIO if it is locked or the master is gone; EBUSY after TIOCEXCL
     */
    FileDescription openSlave(
            CallContext context, Inode inode, VfsPath path, int flags, boolean controls)
            throws ErrnoException {
        PtySlave made;
        synchronized (this) {
            if (!masterOpen || locked) {
                throw Errno.EIO.exception();
            }
            if (slaveExclusive && !context.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
                throw Errno.EBUSY.exception();
            }
            slaves++;
            slaveClosed = false;
            made = new PtySlave(this, inode, path, flags, generation);
        }
        // Who can only write is not to get the rights that a controlling terminal gives.
        if (controls && made.isReadable()) {
            attachOnOpen(context);
        }
        return made;
    }

    /** Opens it as /dev/tty. */
    @Override
    public FileDescription open(CallContext context, Inode tty, VfsPath path, int flags)
            throws ErrnoException {
        return openSlave(context, tty, path, flags, false);
    }

    void closeSlave() {
        synchronized (this) {
            slaves--;
            if (slaves == 0 && masterOpen) {
                slaveClosed = true;
                masterEvents |= Poll.POLLHUP | READABLE;
            }
        }
        deliver();
    }

    /** Cuts off all who have the slave open, and tells the session (Linux: tty_vhangup). */
    public void hangUp() {
        synchronized (this) {
            generation++;
            typed.clear();
            stoppedByCall = false;
            stopped = false;
            discipline.reset();
            slaveEvents |= ALL;
        }
        deliver();
        hangUpSession();
    }

    synchronized boolean isHungUp(int ofGeneration) {
        return ofGeneration != generation;
    }

    synchronized int slavePoll(int ofGeneration) {
        if (ofGeneration != generation) {
            return HUNG_UP;
        }
        Termios t = discipline.termios();
        int minimum = t.character(Ioctls.VMIN);
        boolean counts = t.character(Ioctls.VTIME) == 0 && minimum > 0;
        int events = discipline.hasInput(counts ? minimum : 1) ? READABLE : 0;
        return room() > 0 ? events | WRITABLE : events;
    }

    /** Reads what is there; -1 if that is nothing. */
    int slaveRead(byte[] bytes, int from, int length) {
        int n;
        synchronized (this) {
            if (!discipline.hasInput(1)) {
                return -1;
            }
            n = discipline.read(bytes, from, length);
            pump();
        }
        deliver();
        return n;
    }

    /** Whether reads of the slave regard neither VMIN nor VTIME. */
    synchronized boolean isCanonical() {
        return discipline.isCanonical();
    }

    int slaveWrite(byte[] bytes, int from, int length) {
        int n;
        synchronized (this) {
            n = discipline.write(bytes, from, length);
        }
        deliver();
        return n;
    }

    synchronized int slaveAvailable() {
        return discipline.available();
    }

    /** The settings of the slave, which the master shows and sets, too. */
    public synchronized Termios termios() {
        return discipline.termios();
    }

    /**
     * Changes the settings.
     *
     * @param flushes whether input that was not read is dropped before (TCSETSF)
     */
    public void setTermios(Termios wanted, boolean flushes) {
        synchronized (this) {
            if (flushes) {
                discipline.flushInput();
                pump();
            }
            Termios old = discipline.termios();
            discipline.setTermios(wanted.forPseudoTerminal());
            notePacketFlow(old, wanted);
            slaveEvents |= READABLE | WRITABLE;
        }
        deliver();
    }

    private void notePacketFlow(Termios old, Termios now) {
        boolean before = isUsualFlow(old);
        boolean after = isUsualFlow(now);
        if (before != after && packetMode) {
            packetStatus &= ~(Ioctls.TIOCPKT_DOSTOP | Ioctls.TIOCPKT_NOSTOP);
            notePacketStatus(after ? Ioctls.TIOCPKT_DOSTOP : Ioctls.TIOCPKT_NOSTOP);
        }
        if (old.local(Ioctls.EXTPROC) || now.local(Ioctls.EXTPROC)) {
            notePacketStatus(Ioctls.TIOCPKT_IOCTL);
        }
    }

    /** Whether ^S and ^Q stop and start. */
    private static boolean isUsualFlow(Termios t) {
        return t.input(Ioctls.IXON)
                && t.character(Ioctls.VSTOP) == ('S' & 0x1f)
                && t.character(Ioctls.VSTART) == ('Q' & 0x1f);
    }

    void slaveFlush(boolean input, boolean output) {
        synchronized (this) {
            if (input) {
                typed.clear();
                discipline.flushInput();
                masterEvents |= WRITABLE;
            }
            if (output) {
                settledBytes = toMaster.size();
                flushOutput();
            }
        }
        deliver();
    }

    /** TCXONC: stops output, or lets it go on. */
    void setSlaveStopped(boolean stop) {
        synchronized (this) {
            if (stop && !stoppedByCall) {
                setStopped(true);
                stoppedByCall = true;
            } else if (!stop && stoppedByCall) {
                stoppedByCall = false;
                setStopped(false);
                discipline.processEchoes();
            }
        }
        deliver();
    }

    /** TIOCSTI: a byte as if it had been typed. */
    void type(int c) {
        synchronized (this) {
            receive(new byte[] {(byte) c}, 0, 1);
        }
        deliver();
    }

    // ---- both ---------------------------------------------------------------------------------

    synchronized byte[] windowSize() {
        return windowSize.clone();
    }

    /** Sets {@code struct winsize}; a change is SIGWINCH for the foreground group. */
    public void setWindowSize(byte[] size) {
        synchronized (this) {
            if (Arrays.equals(size, windowSize)) {
                return;
            }
            windowSize = size.clone();
        }
        signalForeground(Signals.SIGWINCH);
    }

    synchronized boolean isExclusive(boolean master) {
        return master ? masterExclusive : slaveExclusive;
    }

    synchronized void setExclusive(boolean master, boolean on) {
        if (master) {
            masterExclusive = on;
        } else {
            slaveExclusive = on;
        }
    }
}
