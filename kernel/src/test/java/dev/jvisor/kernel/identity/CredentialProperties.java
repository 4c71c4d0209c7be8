// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.jspecify.annotations.Nullable;

/** Rules of credentials(7) and capabilities(7) that hold whatever the state is. */
class CredentialProperties {

    private static final int[] NO_GROUPS = {};
    private static final long ALL = Credentials.ALL_CAPABILITIES;

    @Provide
    Arbitrary<Integer> ids() {
        return Arbitraries.of(0, 1, 1000, 1001, 65534);
    }

    @Provide
    Arbitrary<Integer> idsOrKeep() {
        return Arbitraries.of(-1, 0, 1, 1000, 1001, 65534);
    }

    /** States that a task can be in: effective within permitted, ambient within both. */
    @Provide
    Arbitrary<Credentials> states() {
        Arbitrary<Long> sets = Arbitraries.of(
                0L,
                ALL,
                1L << Capabilities.CAP_SETUID,
                1L << Capabilities.CAP_SETGID | 1L << Capabilities.CAP_SETPCAP,
                1L << Capabilities.CAP_CHOWN,
                0x5555555555L & ALL);
        Arbitrary<int[]> users = ids().array(int[].class).ofSize(4);
        Arbitrary<long[]> capabilities = sets.array(long[].class).ofSize(5);
        Arbitrary<Integer> bits = Arbitraries.of(0, 1, 4, 16, 64, 0xff, 0x10 | 0x20);
        return Combinators.combine(users, users, capabilities, bits, Arbitraries.of(true, false))
                .as((u, g, c, s, n) -> new Credentials(
                        u[0],
                        u[1],
                        u[2],
                        u[3],
                        g[0],
                        g[1],
                        g[2],
                        g[3],
                        NO_GROUPS,
                        c[0],
                        c[1] & c[0],
                        c[2],
                        c[3],
                        c[4] & c[0] & c[2],
                        s,
                        n,
                        UserNamespace.INITIAL));
    }

    private static void checkInvariants(Credentials c) {
        assertThat(c.effective() & ~c.permitted()).isZero();
        assertThat(c.ambient() & ~(c.permitted() & c.inheritable())).isZero();
    }

    private interface Change {
        Credentials apply() throws ErrnoException;
    }

    private static @Nullable Credentials attempt(Change change) {
        try {
            return change.apply();
        } catch (ErrnoException e) {
            assertThat(e.errno).isIn(Errno.EPERM, Errno.EINVAL);
            return null;
        }
    }

    @Property
    void setresuidWithoutPrivilegeOnlyPermutesTheIds(
            @ForAll("states") Credentials old,
            @ForAll("idsOrKeep") int r,
            @ForAll("idsOrKeep") int e,
            @ForAll("idsOrKeep") int s) {
        Credentials changed = attempt(() -> SetIdRules.setResUid(old, r, e, s));
        boolean privileged = old.has(Capabilities.CAP_SETUID);
        boolean known = true;
        for (int id : new int[] {r, e, s}) {
            known &= id == -1 || id == old.uid() || id == old.euid() || id == old.suid();
        }
        if (!privileged && !known) {
            assertThat(changed).isNull();
            return;
        }
        assertThat(changed).isNotNull();
        assertThat(changed.uid()).isEqualTo(r == -1 ? old.uid() : r);
        assertThat(changed.euid()).isEqualTo(e == -1 ? old.euid() : e);
        assertThat(changed.suid()).isEqualTo(s == -1 ? old.suid() : s);
        assertThat(changed.fsuid()).isEqualTo(changed.euid());
        assertThat(changed.gid()).isEqualTo(old.gid());
    }

    @Property
    void aRootThatGivesUpAllIdsLosesItsCapabilities(
            @ForAll("states") Credentials old, @ForAll("ids") int uid) {
        if (uid == 0 || (old.secureBits() & 0x14) != 0 || !old.has(Capabilities.CAP_SETUID)) {
            return;
        }
        Credentials changed = attempt(() -> SetIdRules.setResUid(old, uid, uid, uid));
        assertThat(changed).isNotNull();
        boolean wasRoot = old.uid() == 0 || old.euid() == 0 || old.suid() == 0;
        if (wasRoot) {
            assertThat(changed.permitted()).isZero();
            assertThat(changed.ambient()).isZero();
        } else {
            assertThat(changed.permitted()).isEqualTo(old.permitted());
        }
    }

    @Property
    void keepCapsKeepsPermittedButNotEffective(@ForAll("ids") int uid) throws ErrnoException {
        if (uid == 0) {
            return;
        }
        Credentials keeping = CapabilityRules.setKeepCapabilities(Credentials.ROOT, 1);
        Credentials changed = SetIdRules.setUid(keeping, uid);
        assertThat(changed.permitted()).isEqualTo(ALL);
        assertThat(changed.effective()).isZero();
    }

    @Property
    void noCallAddsPermittedCapabilitiesOrBreaksTheInvariants(
            @ForAll("states") Credentials old,
            @ForAll("idsOrKeep") int a,
            @ForAll("idsOrKeep") int b,
            @ForAll long effective,
            @ForAll long permitted,
            @ForAll long inheritable) {
        Credentials[] results = {
            attempt(() -> SetIdRules.setUid(old, a)),
            attempt(() -> SetIdRules.setReUid(old, a, b)),
            attempt(() -> SetIdRules.setResUid(old, a, b, a)),
            SetIdRules.setFsUid(old, a),
            attempt(() -> SetIdRules.setReGid(old, a, b)),
            attempt(() -> CapabilityRules.set(old, effective, permitted, inheritable)),
            attempt(() -> CapabilityRules.dropBounding(old, a)),
            attempt(() -> CapabilityRules.raiseAmbient(old, a)),
            CapabilityRules.clearAmbient(old),
        };
        for (Credentials c : results) {
            if (c != null) {
                checkInvariants(c);
                assertThat(c.permitted() & ~old.permitted()).isZero();
                assertThat(c.bounding() & ~old.bounding()).isZero();
                assertThat(c.noNewPrivileges()).isEqualTo(old.noNewPrivileges());
            }
        }
    }

    @Property
    void execKeepsTheInvariantsAndObeysNoNewPrivileges(
            @ForAll("states") Credentials old, @ForAll("ids") int owner, @ForAll("ids") int group) {
        ExecCredentials change = ExecCredentials.compute(old, 0106755, owner, group, false);
        Credentials c = change.credentials();
        checkInvariants(c);
        assertThat(c.suid()).isEqualTo(c.euid());
        assertThat(c.fsuid()).isEqualTo(c.euid());
        if (old.noNewPrivileges()) {
            assertThat(c.euid()).isEqualTo(old.euid());
            assertThat(c.egid()).isEqualTo(old.egid());
        } else {
            assertThat(c.euid()).isEqualTo(owner);
            assertThat(c.egid()).isEqualTo(group);
        }
        if (c.euid() != c.uid() || c.egid() != c.gid()) {
            assertThat(change.secure()).isTrue();
            assertThat(c.ambient()).isZero();
        }
    }

    @Example
    void anOrdinaryUserExecutesWithNothing() {
        Credentials user = Credentials.of(1000, 1000, NO_GROUPS, 0);
        ExecCredentials change = ExecCredentials.compute(user, 0100755, 0, 0, false);
        assertThat(change.credentials().permitted()).isZero();
        assertThat(change.secure()).isFalse();
    }

    @Example
    void aSetUserIdRootProgramGetsTheBoundingSet() {
        Credentials user = new Credentials(
                1000,
                1000,
                1000,
                1000,
                1,
                1,
                1,
                1,
                NO_GROUPS,
                0,
                0,
                0,
                ALL,
                0,
                0,
                false,
                UserNamespace.INITIAL);
        ExecCredentials change = ExecCredentials.compute(user, 0104755, 0, 0, false);
        assertThat(change.credentials().effective()).isEqualTo(ALL);
        assertThat(change.credentials().uid()).isEqualTo(1000);
        assertThat(change.secure()).isTrue();
        assertThat(ExecCredentials.compute(user, 0104755, 0, 0, true)
                        .credentials()
                        .euid())
                .isEqualTo(1000);
    }

    @Example
    void theSetGroupIdBitWithoutGroupExecutionIsNoSetGroupId() {
        Credentials user = Credentials.of(1000, 1000, NO_GROUPS, 0);
        assertThat(ExecCredentials.compute(user, 0102745, 0, 5, false)
                        .credentials()
                        .egid())
                .isEqualTo(1000);
    }

    @Example
    void lockedSecureBitsStay() {
        Credentials locked = attempt(() -> CapabilityRules.setSecureBits(Credentials.ROOT, 0x3));
        assertThat(locked).isNotNull();
        assertThat(attempt(() -> CapabilityRules.setSecureBits(locked, 0x2))).isNull();
        assertThat(attempt(() -> CapabilityRules.setSecureBits(locked, 0x1))).isNull();
        assertThat(attempt(() -> CapabilityRules.setSecureBits(locked, 0x7))).isNotNull();
    }
}
