/** Where two of the mistakes are: not in the file that the method is in. */

interface Team {
    members: string[];
}

const teams: Record<string, Team> = {
    editors: { members: ["anna", "bert"] },
};

/** The name is misspelt, so there is no team. */
export function membersOf(name: string): string[] {
    const team = teams[name] as Team;
    return team.members;
}

export function share(of: bigint, among: bigint): bigint {
    return of / among;
}
