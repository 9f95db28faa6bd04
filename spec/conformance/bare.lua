--- bare: a class with no hooks at all, only a constructor.

local Bare = {}

function Bare:constructor(room)
  self.made_for = room.id
end

return Bare
