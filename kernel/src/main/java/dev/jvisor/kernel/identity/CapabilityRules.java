// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** capset(2) and the prctl(2) options on capabilities as pure functions (Linux: commoncap.c). */
public final class CapabilityRules {

    private CapabilityRules() {}

    /** capset(2). Bits beyond the last capability are dropped. EPERM. */
    public static Credentials set(Credentials old, long effective, long permitted, long inheritable)
            throws ErrnoException {
        long e = effective & Credentials.ALL_CAPABILITIES;
        long p = permitted & Credentials.ALL_CAPABILITIES;
        long i = inheritable & Credentials.ALL_CAPABILITIES;
        boolean limited = !old.hasOwn(Capabilities.CAP_SETPCAP);
        if (limited && (i & ~(old.inheritable() | old.permitted())) != 0
                || (i & ~(old.inheritable() | old.bounding())) != 0
                || (p & ~old.permitted()) != 0
                || (e & ~p) != 0) {
            throw Errno.EPERM.exception();
        }
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.effective = e;
        b.permitted = p;
        b.inheritable = i;
        b.trimAmbient();
        return b.build();
    }

    /** PR_CAPBSET_DROP. EPERM without CAP_SETPCAP, EINVAL for a capability that does not exist. */
    public static Credentials dropBounding(Credentials old, long capability) throws ErrnoException {
        if (!old.hasOwn(Capabilities.CAP_SETPCAP)) {
            throw Errno.EPERM.exception();
        }
        check(capability);
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.bounding &= ~(1L << capability);
        return b.build();
    }

    /** EINVAL for a capability that does not exist. */
    public static void check(long capability) throws ErrnoException {
        if (capability < 0 || capability > Capabilities.CAP_LAST_CAP) {
            throw Errno.EINVAL.exception();
        }
    }

    /** PR_CAP_AMBIENT_RAISE. EINVAL, EPERM. */
    public static Credentials raiseAmbient(Credentials old, long capability) throws ErrnoException {
        check(capability);
        long bit = 1L << capability;
        if ((old.permitted() & old.inheritable() & bit) == 0
                || (old.secureBits() & SecureBits.SECBIT_NO_CAP_AMBIENT_RAISE) != 0) {
            throw Errno.EPERM.exception();
        }
        return withAmbient(old, old.ambient() | bit);
    }

    /** PR_CAP_AMBIENT_LOWER. EINVAL. */
    public static Credentials lowerAmbient(Credentials old, long capability) throws ErrnoException {
        check(capability);
        return withAmbient(old, old.ambient() & ~(1L << capability));
    }

    /** PR_CAP_AMBIENT_CLEAR_ALL. */
    public static Credentials clearAmbient(Credentials old) {
        return withAmbient(old, 0);
    }

    private static Credentials withAmbient(Credentials old, long ambient) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.ambient = ambient;
        return b.build();
    }

    /** PR_SET_SECUREBITS. EPERM for locked or unknown bits, or without CAP_SETPCAP. */
    public static Credentials setSecureBits(Credentials old, long bits) throws ErrnoException {
        int current = old.secureBits();
        int locked = (current & SecureBits.SECURE_ALL_LOCKS) >> 1;
        boolean known = (bits & ~(SecureBits.SECURE_ALL_LOCKS | SecureBits.SECURE_ALL_BITS)) == 0;
        boolean keepsLocks = (current & SecureBits.SECURE_ALL_LOCKS & ~bits) == 0;
        if ((locked & (current ^ bits)) != 0
                || !keepsLocks
                || !known
                || !old.hasOwn(Capabilities.CAP_SETPCAP)) {
            throw Errno.EPERM.exception();
        }
        return withSecureBits(old, (int) bits);
    }

    /** PR_SET_KEEPCAPS. EINVAL, EPERM if locked. */
    public static Credentials setKeepCapabilities(Credentials old, long on) throws ErrnoException {
        if (on != 0 && on != 1) {
            throw Errno.EINVAL.exception();
        }
        if ((old.secureBits() & SecureBits.SECBIT_KEEP_CAPS_LOCKED) != 0) {
            throw Errno.EPERM.exception();
        }
        int bits = old.secureBits() & ~SecureBits.SECBIT_KEEP_CAPS;
        return withSecureBits(old, on == 1 ? bits | SecureBits.SECBIT_KEEP_CAPS : bits);
    }

    private static Credentials withSecureBits(Credentials old, int bits) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.secureBits = bits;
        return b.build();
    }

    /** PR_SET_NO_NEW_PRIVS: cannot be undone. */
    public static Credentials setNoNewPrivileges(Credentials old) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.noNewPrivileges = true;
        return b.build();
    }
}
